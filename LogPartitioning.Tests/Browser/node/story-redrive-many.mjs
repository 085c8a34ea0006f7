// See dead letters counted by reason, try a redrive of many as a dry run, send them at a rate, and find each of them sent once.
import { assert, button, confirm, eventually, story } from './browser.mjs';

await story(async (page, [source, count]) => {
  const letters = Number(count);
  const ours = page.locator('.letters li', { hasText: source });
  await eventually('the letters', async () => {
    await page.goto('/dead-letters');
    return await ours.count() === letters || page.locator('main').innerText();
  });
  // The counts are kept for some seconds: those that were read after the letters were there.
  const seen = Date.now();
  await eventually('their count', async () => Date.parse((await (await page.request.get('/api/dead-letters/summary')).json()).at) > seen);
  await page.goto('/dead-letters');
  const reason = page.locator('tr[data-key="malformed_json"]');
  const cell = async (row, n) => Number((await row.locator('td').nth(n).innerText()).replace(/\D/g, ''));
  const before = { letters: await cell(reason, 1), redriven: await cell(reason, 2) };
  const open = before.letters - before.redriven;
  assert(open >= letters, `${open} letters of the reason are open, and ${letters} were written`);

  const newest = page.getByRole('region', { name: 'Redrives' }).locator('tbody tr').first();
  await button(reason, 'Dry run').click();
  await eventually('the end of the dry run', async () => {
    const text = await newest.count() === 1 ? await newest.innerText() : '';
    return /dry run/.test(text) && /succeeded/.test(text) && await cell(newest, 3) === open || text;
  });
  assert(await cell(reason, 2) === before.redriven, 'a dry run sends nothing');

  const rate = Math.max(4, Math.ceil(open / 8));
  await reason.locator('input[name="ratePerSecond"]').fill(`${rate}`);
  await button(reason, 'Redrive').click();
  await confirm(page);
  const progress = newest.locator('progress');
  await progress.waitFor();
  await eventually('progress between none and all', async () => {
    const at = await progress.evaluate(bar => [bar.value, bar.max], undefined, { timeout: 5_000 }).catch(() => null);
    return at !== null && at[0] > 0 && at[0] < at[1] || at;
  }, 20_000);
  await eventually('the end of the redrive', async () => {
    const text = await newest.innerText();
    return /succeeded, [\d.]+\/s/.test(text) && text.includes(`at most ${rate} a second`) || text;
  });
  assert(await cell(newest, 3) === open, `sent ${await cell(newest, 3)} of ${open}`);
  assert(await cell(newest, 5) === 0 && await cell(newest, 6) === 0, 'none is unknown, and none failed');
  await eventually('all of them counted as redriven', async () => await cell(reason, 2) === before.redriven + open || await cell(reason, 2));

  // Their bytes are as they were, so each comes back as a new letter, once.
  await eventually('the letters that were sent, and those that came of it', async () => {
    await page.goto('/dead-letters');
    const all = await ours.count();
    const sent = await ours.filter({ hasText: 'replayed' }).count();
    return all === 2 * letters && sent === letters || `${sent} of ${all}`;
  });
});
