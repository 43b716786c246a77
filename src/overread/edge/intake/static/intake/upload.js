// Sends files one after the other, shows progress, and ends with the receipt. A file that fails is tried three times.

const box = document.querySelector('[data-upload]');
const progress = box?.querySelector('[data-progress]');
const words = box?.querySelector('[data-words]');
const TRIES = 3;

const token = () => box.querySelector('input[name="csrfmiddlewaretoken"]').value;
const size = bytes => `${(bytes / 1048576).toFixed(1)} MB`;

function send(address, file, told) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address);
    request.setRequestHeader('X-CSRFToken', token());
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('X-File-Name', encodeURIComponent(file.name));
    request.upload.addEventListener('progress', event => told(event.loaded));
    request.addEventListener('load', () => (request.status < 300 ? resolve() : reject(new Error(request.status))));
    request.addEventListener('error', () => reject(new Error('connection')));
    request.send(file);
  });
}

async function sendAgain(address, file, told) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(address, file, told);
    } catch (error) {
      if (attempt >= TRIES) {
        throw error;
      }
    }
  }
}

async function begin(count) {
  const form = new FormData();
  const client = document.getElementById('client');
  form.set('announced', String(count));
  if (client) {
    form.set('client', client.value);
  }
  const answer = await fetch(box.dataset.begin, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'X-CSRFToken': token() },
    body: form,
  });
  if (!answer.ok) {
    throw new Error('begin');
  }
  return answer.json();
}

async function sendAll(files) {
  const zipped = files.some(file => /\.zip$/i.test(file.name));
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let done = 0;
  progress.hidden = false;
  const upload = await begin(zipped ? '' : files.length);
  for (const [index, file] of files.entries()) {
    const told = loaded => {
      const share = total ? (100 * (done + loaded)) / total : 100;
      progress.querySelector('progress').value = share;
      words.textContent = `${index + 1} of ${files.length} files, ${size(done + loaded)} of ${size(total)}`;
    };
    await sendAgain(upload.file, file, told);
    done += file.size;
    told(0);
  }
  const answer = await fetch(upload.finish, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'X-CSRFToken': token(), 'X-Part': 'true' },
  });
  document.querySelector('[data-receipt]').innerHTML = await answer.text();
  words.textContent = 'Done. The receipt is below.';
}

box?.addEventListener('change', async event => {
  const files = [...(event.target.files ?? [])];
  if (files.length === 0) {
    return;
  }
  try {
    await sendAll(files);
  } catch {
    words.textContent = 'Sending stopped. What was stored is safe; choose the same files again to go on.';
  }
});
