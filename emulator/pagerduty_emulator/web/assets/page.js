// What the page does beside htmx: it says whether it is live, and keeps the focus where it was.
(() => {
  document.documentElement.classList.add("js");

  const isStream = (event) => event.target.hasAttribute?.("hx-sse:connect");
  const say = (state) => (event) => {
    if (!isStream(event)) return;
    event.target.dataset.state = state;
    event.target.textContent = event.target.dataset[state];
  };
  document.addEventListener("htmx:sse:after:connection", say("on"));
  for (const name of ["htmx:sse:before:connection", "htmx:sse:error", "htmx:sse:close", "htmx:error"]) {
    document.addEventListener(name, say("off"));
  }

  // A button can become a text with the same id, and without this its focus would be lost.
  let focused = "";
  document.addEventListener("focusin", (event) => (focused = event.target.id));
  document.addEventListener("pointerdown", () => (focused = ""));
  document.addEventListener("htmx:after:swap", () => {
    if (focused && document.activeElement === document.body) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
  });
})();
