/** Where to go after signing in: a path of this server that the address names, else the map. */
export function nextPath(search: string, here = window.location.origin): string {
  const asked = new URLSearchParams(search).get("next") ?? "";
  try {
    // resolved as the browser itself would: "//other", "/\other" and the like lead elsewhere
    const url = new URL(asked, here);
    if (asked.startsWith("/") && url.origin === here && url.pathname !== "/sign-in")
      return url.pathname + url.search + url.hash;
  } catch {
    // not an address
  }
  return "/map";
}
