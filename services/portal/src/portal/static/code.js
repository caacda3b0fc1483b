// The page for the code tells what became of the mail as it happens. Without this script it tells what it knew
// when it was loaded.
const progress = document.getElementById("progress");
const resend = document.getElementById("resend");
const source = new EventSource(progress.dataset.from);
let timer;

source.addEventListener("progress", (event) => {
  const told = JSON.parse(event.data);
  if (progress.textContent !== told.words) progress.textContent = told.words;
  resend.textContent = told.resend_words;
  clearTimeout(timer);
  if (told.resend_words) timer = setTimeout(() => { resend.textContent = ""; }, told.resend_after_seconds * 1000);
  if (told.is_final) source.close();
});
