// Sets the theme that the person chose, before the first paint. Without one the system's applies.
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  /* a private window has no storage */
}
