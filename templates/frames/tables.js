// Sorts (but by columns that are data-as-is), filters and saves every table of class "sortable"; its words stand in
// attributes of the box around it.
(() => {
  "use strict";
  const FORMULA = /^[\s\ufeff\u200b-\u200f\u2060-\u206f\u202a-\u202e]*[=+\-@\t\r\n＝＋－＠﹢﹣﹦﹫−|%]/;
  const order = new Intl.Collator(document.documentElement.lang || "en", { numeric: true });

  const make = (name, holder, text) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    holder.append(made);
    return made;
  };

  /** What a cell is sorted by: data-v where it has one, else its text; empty comes last. */
  const value = (row, place) => {
    const cell = row.cells[place];
    return cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v;
  };

  /** What a cell is saved as: where its column hides names, what its row stands for, until the review. */
  const saved = (row, cell, head) =>
    head.dataset.hidden !== undefined && row.dataset.csv !== undefined ? row.dataset.csv : cell.dataset.v ?? cell.textContent;

  const compare = (one, two) => {
    if (one === "" || two === "") return one === two ? 0 : one === "" ? 2 : -2;
    const [a, b] = [Number(one), Number(two)];
    const by = Number.isNaN(a) || Number.isNaN(b) ? order.compare(one, two) : a - b;
    return Math.sign(by);
  };

  /** A cell of CSV: no spreadsheet reads it as a formula. */
  const safe = (text) => {
    const plain = (FORMULA.test(text) ? "'" : "") + text.replace(/\s+/g, " ").trim();
    return `"${plain.replaceAll('"', '""')}"`;
  };

  const start = (box) => {
    const table = box.querySelector("table.sortable");
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...body.rows];
    const words = box.dataset;
    const tools = document.createElement("div");
    tools.className = "tools";
    table.before(tools);
    const label = make("label", tools, words.filter + " ");
    const wanted = make("input", label);
    wanted.type = "search";
    const said = make("span", tools);
    said.setAttribute("role", "status");

    const shown = () => {
      const parts = wanted.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      for (const row of rows) {
        const text = row.textContent.toLocaleLowerCase();
        row.hidden = !parts.every((part) => text.includes(part));
        n += row.hidden ? 0 : 1;
      }
      said.textContent = words.shown.replaceAll("{count}", n).replaceAll("{all}", rows.length);
    };
    wanted.addEventListener("input", shown);
    shown();

    heads.forEach((head, place) => {
      if (head.dataset.asIs !== undefined) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        rows.sort((one, two) => {
          const by = compare(value(one, place), value(two, place));
          return Math.abs(by) === 2 || !down ? by : -by;
        });
        body.append(...rows);
      });
    });

    if (!words.csv) return;
    const save = make("button", tools, words.csv);
    save.type = "button";
    save.addEventListener("click", () => {
      const lines = [heads.map((head) => safe(head.dataset.csv ?? head.textContent)).join(",")];
      for (const row of rows) {
        if (!row.hidden) lines.push([...row.cells].map((cell, place) => safe(saved(row, cell, heads[place]))).join(","));
      }
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
      link.download = `${words.name}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    });
  };

  for (const box of document.querySelectorAll(".sorted")) start(box);
  const choose = document.getElementById("which");
  const show = () => {
    for (const box of document.querySelectorAll(".sorted")) box.hidden = Boolean(choose) && box.id !== choose.value;
  };
  if (choose) choose.addEventListener("change", show);
  show();
  document.body.classList.add("running");
})();
