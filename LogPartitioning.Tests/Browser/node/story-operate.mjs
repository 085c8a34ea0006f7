// Pause a partition, move its position back by a preview, and resume it.
import { assert, button, confirm, eventually, story } from './browser.mjs';

await story(async (page, [partition]) => {
  await page.goto('/operate');
  const row = page.locator('lp-live tr', { has: page.getByRole('link', { name: partition, exact: true }) });
  await button(row, 'Pause').click();
  await confirm(page);
  await row.getByText('paused', { exact: true }).waitFor();

  const form = page.locator('#move form').first();
  await form.getByLabel('Partitions').fill(partition);
  await form.getByLabel('Value').fill('-5');
  await button(form, 'Preview').click();
  await page.getByText('5 records are read again').first().waitFor();
  await button(page, 'Move').click();
  await confirm(page);
  await page.getByText('Moved. Resume the partitions to read on there.').waitFor();

  await eventually('a lag of 5', async () => (await row.locator('td').nth(5).innerText()) === '5' || row.innerText());
  await button(row, 'Resume').click();
  await confirm(page);
  await row.getByText('running', { exact: true }).waitFor();
  await eventually('no lag', async () => (await row.locator('td').nth(5).innerText()) === '0' || row.innerText());
  assert(await page.getByRole('heading', { name: 'Retention, as a dry run' }).count() === 1, 'there is no dry run of the retention');
});
