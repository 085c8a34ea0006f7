// Search, open, share and download logs; look at them as they come, with a pause.
import { readFileSync } from 'node:fs';
import { assert, button, eventually, story } from './browser.mjs';

await story(async (page, [source, word, count]) => {
  await page.goto('/logs');
  await page.getByLabel('Source', { exact: true }).fill(source);
  await page.getByLabel('Text', { exact: true }).fill(word);
  await page.getByLabel('From level').selectOption('Warning');
  await button(page, 'Search').click();
  await eventually('what matches', async () => Number(await page.locator('.events li').count()) === Number(count) || page.locator('main').innerText());
  assert(page.url().includes(`source=${source}`), 'the address is not the search');

  const shared = await page.context().newPage();
  await shared.goto(page.url());
  assert(await shared.locator('.events li').count() === Number(count), 'the shared address shows something else');
  await shared.close();

  const first = page.locator('.events li').first();
  await first.locator('summary').click();
  await first.locator('dt', { hasText: 'orderId' }).waitFor();
  assert((await first.locator('lp-time').first().getAttribute('title')).includes('(UTC)'), 'UTC is not told on hover');

  for (const [name, lines] of [['CSV', Number(count) + 1], ['NDJSON', Number(count)]]) {
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: `Download ${name}` }).click();
    const text = readFileSync(await (await download).path(), 'utf8');
    assert(text.trimEnd().split('\n').length === lines, `${name} has ${text.split('\n').length} lines: ${text.slice(0, 500)}`);
  }

  await page.goto(`/logs?source=${source}-tail`);
  await page.getByRole('link', { name: 'Live tail' }).click();
  const items = page.locator('lp-tail .events li');
  await eventually('an event as it comes', async () => await items.count() > 0 || page.locator('lp-tail').innerText());
  await button(page, 'Pause').click();
  const paused = await items.count();
  await page.getByText('Paused', { exact: true }).waitFor();
  const stored = async () => (await (await page.request.get(`/api/logs?source=${source}-tail&limit=1000`)).json()).items.length;
  const before = await stored();
  await eventually('events that come while it is paused', async () => { const now = await stored(); return now > before || now; });
  assert(await items.count() === paused, 'it goes on while it is paused');
  await button(page, 'Go on').click();
  await eventually('more events', async () => await items.count() > paused || await items.count());
});
