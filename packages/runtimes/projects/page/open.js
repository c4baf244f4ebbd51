// Not in the page: a strict Content-Security-Policy allows no script there.
await import(`./${new URLSearchParams(location.search).get("program")}`);
