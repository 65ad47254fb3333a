// Sets light or dark before the first paint. The choice (light, dark, auto) is rendered by the server from a
// cookie into <html data-theme>; "auto" follows the system and keeps following it.
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function applyTheme(): void {
  const choice = root.dataset.theme ?? "auto";
  root.dataset.bsTheme = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
}

applyTheme();
system.addEventListener("change", applyTheme);
root.addEventListener("fs:theme", applyTheme);
