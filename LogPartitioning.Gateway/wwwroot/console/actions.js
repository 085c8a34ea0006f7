// Forms that change something: their fields go to the API as JSON, its answer stands in their <output>. What cannot be taken back is asked about first.
function bodyOf(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || (field.type === 'radio' && !field.checked)) {
      continue;
    }
    const value = field.type === 'checkbox' ? field.checked : field.value;
    if (value === '' && !field.hasAttribute('data-empty')) {
      continue;
    }
    body[field.name] = field.dataset.type === 'number' ? Number(value) : field.dataset.type === 'json' ? JSON.parse(value) : value;
  }
  return body;
}

function ask(question) {
  return new Promise(resolve => {
    const dialog = document.createElement('dialog');
    dialog.className = 'ask';
    dialog.setAttribute('aria-label', 'Please confirm');
    const text = document.createElement('p');
    text.textContent = question;
    const form = document.createElement('form');
    form.method = 'dialog';
    const no = Object.assign(document.createElement('button'), { value: 'no', textContent: 'Cancel' });
    const yes = Object.assign(document.createElement('button'), { value: 'yes', textContent: 'Do it', className: 'primary' });
    form.append(no, yes);
    dialog.append(text, form);
    document.body.append(dialog);
    dialog.addEventListener('close', () => {
      resolve(dialog.returnValue === 'yes');
      dialog.remove();
    });
    dialog.showModal();
    no.focus();
  });
}

async function problemOf(response) {
  try {
    const problem = await response.json();
    const fields = Object.entries(problem.errors ?? {}).map(([name, rules]) => `${name} ${rules.join(', ')}`);
    return [problem.detail ?? problem.title, ...fields].filter(Boolean).join(' — ') || `HTTP ${response.status}`;
  } catch {
    return `HTTP ${response.status}`;
  }
}

document.addEventListener('submit', async event => {
  const form = event.target;
  if (!form.dataset.action) {
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const output = form.querySelector('output');
  const say = (text, tone) => {
    if (output) {
      output.textContent = text;
      output.dataset.tone = tone;
    }
  };
  let body;
  try {
    body = bodyOf(form);
  } catch (error) {
    say(`That is no JSON: ${error.message}`, 'bad');
    return;
  }
  if (form.dataset.confirm && !await ask(form.dataset.confirm)) {
    return;
  }
  say('…', '');
  form.toggleAttribute('busy', true);
  try {
    const method = form.dataset.method ?? 'POST';
    const response = await fetch(form.dataset.action, {
      method,
      ...(method === 'DELETE' ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (response.ok) {
      say(form.dataset.done ?? 'Done.', 'good');
      for (const live of document.querySelectorAll('lp-live')) {
        live.refresh();
      }
    } else {
      say(await problemOf(response), 'bad');
    }
  } catch {
    say('The gateway does not answer. Nothing is known of what became of it; look before you try again.', 'bad');
  } finally {
    form.toggleAttribute('busy', false);
  }
}, true);
