// Runs before the first paint when the person's choice is "as the system": no flash of the wrong colours.
// The cookie tells the server what to draw next time.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const root = document.documentElement;
  const fixed = root.dataset.bsTheme === "dark" && root.hasAttribute("data-room");
  if (!fixed) root.dataset.bsTheme = dark ? "dark" : "light";
  document.cookie = `or_scheme=${dark ? "dark" : "light"}; path=/; max-age=31536000; samesite=lax`;
})();
