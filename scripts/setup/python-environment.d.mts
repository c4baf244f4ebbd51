/** The Python of an environment with the packages of a list, made where it is missing. */
export function pythonWith(
  name: string,
  requirements: string | URL,
  duration: string,
): Promise<string>;
