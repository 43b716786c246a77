// The theme switch: kept in a cookie, so that the server draws the right colours at once.
const YEAR = 31536000;

function systemTheme() {
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function setTheme(choice) {
  const root = document.documentElement;
  document.cookie = `or_theme=${choice}; path=/; max-age=${YEAR}; samesite=lax`;
  root.dataset.themeChoice = choice;
  const room = root.hasAttribute("data-room");
  root.dataset.bsTheme = choice === "auto" ? (room ? "dark" : systemTheme()) : choice;
  for (const button of document.querySelectorAll("[data-theme-switch] [data-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.theme === choice));
  }
}

export function startTheme() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-switch] [data-theme]");
    if (button) setTheme(button.dataset.theme);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (document.documentElement.dataset.themeChoice === "auto") setTheme("auto");
  });
}
