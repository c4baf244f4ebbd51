/** Returns the Python of an environment with the packages of a list; creates the environment if it is missing. */
export function pythonWith(
  name: string,
  requirements: string | URL,
  duration: string,
): Promise<string>;
