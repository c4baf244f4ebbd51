/** Which pages may send requests. This module promises that by default none may. */

type Answer = () => Promise<Response>;

/** Adds the headers of an allowed origin, and answers its preflight requests. */
export function crossOrigin(
  allowed: readonly string[] | "*" | undefined,
): (request: Request, answer: Answer) => Promise<Response> {
  if (allowed === undefined) return (_, answer) => answer();
  return async (request, answer) => {
    const origin = request.headers.get("origin");
    const isAllowed = origin !== null && (allowed === "*" || allowed.includes(origin));
    if (!isAllowed) return answer();
    const isPreflight =
      request.method === "OPTIONS" && request.headers.has("access-control-request-method");
    const response = isPreflight ? preflight(request) : await answer();
    response.headers.set("access-control-allow-origin", allowed === "*" ? "*" : origin);
    response.headers.append("vary", "origin");
    response.headers.set("access-control-expose-headers", "harmony-warnings");
    return response;
  };
}

function preflight(request: Request): Response {
  const headers = new Headers({
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-max-age": "86400",
  });
  const asked = request.headers.get("access-control-request-headers");
  if (asked !== null) headers.set("access-control-allow-headers", asked);
  return new Response(null, { status: 204, headers });
}
