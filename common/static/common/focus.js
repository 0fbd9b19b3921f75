// Unfold hides the page until Alpine has begun; by then the browser has given up on autofocus.
addEventListener("load", () => {
  if (document.activeElement === document.body) document.querySelector("main [autofocus]")?.focus();
  // On a phone not all tabs are in sight: the chosen one is.
  document.querySelector(".profile-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  // Unfold asks for the focus a fiftieth of a second after Ctrl+K, when a busy browser may not show the search yet.
  const search = document.getElementById("search-input-command");
  if (search) new IntersectionObserver(([seen]) => seen.isIntersecting && search.focus()).observe(search);
});
