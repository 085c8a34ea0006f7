// Find a hot source, split it, and give it back.
import { assert, button, confirm, eventually, story } from './browser.mjs';

await story(async (page, [source]) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Sources', exact: true }).click();
  const row = page.locator('tr', { has: page.getByRole('link', { name: source, exact: true }) });
  await row.getByText('hot', { exact: true }).waitFor();
  assert((await row.innerText()).includes('fair shares of a partition under one key'), 'it is not told why it is hot');
  await page.getByText(`It comes from ${source}.`).waitFor();

  await button(row, /Split into \d+ keys/).click();
  await confirm(page);
  await row.getByText('split', { exact: true }).waitFor();
  await eventually('the keys', async () => (await row.locator('.key').count()) > 1 || row.innerText());

  await page.getByLabel('Source', { exact: true }).fill(`${source}-of-another`);
  await button(page, 'Where does it go?').click();
  await page.locator('tr', { hasText: `${source}-of-another` }).getByText('Nothing came from it').waitFor();
  await page.getByRole('link', { name: 'All sources' }).click();

  await button(row, 'Give it one key again').click();
  await confirm(page);
  await row.getByText('split', { exact: true }).waitFor({ state: 'detached' });
});
