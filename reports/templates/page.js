// Sorting by a column, and where a figure comes from on hover and focus. No framework, nothing is fetched.
(() => {
  const value = (row, column) => row.cells[column].dataset.v;
  const compare = (a, b) => {
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
    const x = Number(a), y = Number(b);
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
  };
  document.querySelectorAll("table[data-t] thead button").forEach((button) => {
    button.addEventListener("click", () => {
      const head = button.closest("th"), table = head.closest("table"), column = head.cellIndex;
      const down = head.getAttribute("aria-sort") !== "descending";
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows];
      rows.sort((one, two) => {
        const a = value(one, column), b = value(two, column);
        if (a === "" || b === "") return compare(a, b);
        return (down ? -1 : 1) * compare(a, b) || Number(one.dataset.n) - Number(two.dataset.n);
      });
      const unfolded = rows.filter((row) => !row.classList.contains("folded")).length;
      rows.forEach((row, place) => row.classList.toggle("folded", place >= unfolded));
      table.tBodies[0].append(...rows);
      table.classList.add("sorted");
    });
  });

  const tip = document.getElementById("tip"), page = document.documentElement.dataset;
  const [ofSession, ofBuild] = tip.dataset.words.split("|");
  const origin = (element) => {
    const ref = element.dataset.ref || element.dataset.chart;
    if (ref) {
      const [table, , column] = ref.split("|");
      return `reports.${table}.${column}`;
    }
    const table = element.closest("table[data-t]");
    const head = table && table.tHead.rows[0].cells[element.cellIndex];
    if (!head || !head.dataset.c) return "";
    return `reports.${table.dataset.t}.${head.dataset.c}${head.title ? `: ${head.title}` : ""}`;
  };
  const show = (element) => {
    const text = origin(element);
    if (!text) return;
    const box = element.getBoundingClientRect();
    tip.textContent = `${text} · ${ofSession} ${page.session} · ${ofBuild} ${page.build}`;
    tip.hidden = false;
    tip.style.left = `${Math.max(8, Math.min(box.left + scrollX, scrollX + innerWidth - tip.offsetWidth - 16))}px`;
    tip.style.top = `${box.bottom + scrollY + 6}px`;
  };
  const hide = () => { tip.hidden = true; };
  const figures = "tbody td, tbody th, data.fig";
  document.addEventListener("mouseover", (event) => {
    const found = event.target.closest(figures);
    if (found) show(found); else hide();
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(figures)) show(event.target); else hide();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    const cell = event.target.closest("tbody td, tbody th");
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!cell || !step) return;
    const row = cell.parentElement.parentElement.rows[cell.parentElement.sectionRowIndex + step[0]];
    const next = row && row.cells[cell.cellIndex + step[1]];
    if (!next || !next.getClientRects().length) return;
    event.preventDefault();
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  document.querySelectorAll("table[data-t] tbody tr:first-child :first-child").forEach((cell) => { cell.tabIndex = 0; });
})();
