// Dark or light before the first paint: the person's choice, else the system's.
const chosen = (() => {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
})();
if (chosen) document.documentElement.dataset.theme = chosen;
