// Without this a build for a server leaves packages where they are.
export default { ssr: { noExternal: true } };
