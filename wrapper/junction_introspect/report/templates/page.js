"use strict";

// Closed <details> would not be printed, and not every browser lets the style sheet open them.
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
});

// Filters the table of pulls that need somebody to act. Without scripts, the whole table is shown.
(() => {
  const box = document.getElementById("search");
  if (!box) return;
  const words = document.getElementById("words");
  const turn = document.getElementById("turn");
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const rows = [...document.querySelectorAll("#actions tbody tr")].map((row) => ({
    row,
    text: row.textContent.toLowerCase(),
    turn: row.cells[2].textContent,
  }));

  const narrow = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const each of rows) {
      const fits =
        (!turn.value || each.turn === turn.value) &&
        wanted.every((word) => each.text.includes(word));
      each.row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
    nothing.hidden = count > 0;
  };

  words.addEventListener("input", narrow);
  turn.addEventListener("change", narrow);
  box.addEventListener("submit", (event) => event.preventDefault());
  box.hidden = false;
  narrow();
})();
