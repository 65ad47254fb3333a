// The dialog of a new field: what only some types need is shown for those.
document.addEventListener("change", (event) => {
  const select = event.target as Element;
  if (!(select instanceof HTMLSelectElement) || !select.matches("[data-field-type]")) return;
  const form = select.closest("form")!;
  form.querySelectorAll<HTMLElement>("[data-for-types]").forEach((part) => {
    part.hidden = !part.dataset.forTypes!.split(" ").includes(select.value);
  });
  form.querySelectorAll<HTMLElement>("[data-not-for-types]").forEach((part) => {
    part.hidden = part.dataset.notForTypes!.split(" ").includes(select.value);
  });
});
