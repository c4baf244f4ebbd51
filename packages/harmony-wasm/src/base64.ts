/** Decodes base64 with the fastest function of the runtime. */

/** The bytes of well-formed base64. */
export function decodedBase64(text: string): Uint8Array {
  if (typeof Uint8Array.fromBase64 === "function") return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  // Uint8Array.from with a function takes 20 times as long.
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
