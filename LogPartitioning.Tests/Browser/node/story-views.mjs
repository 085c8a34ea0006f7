// Sort the partitions and open one; read the scaling; lose the connection and have it back; switch to dark.
import { assert, eventually, story } from './browser.mjs';

await story(async (page, _, opened) => {
  await page.goto('/partitions');
  await page.getByRole('link', { name: 'Owner' }).click();
  await page.waitForURL(/sort=owner/);
  const owners = () => page.locator('tbody tr td:nth-child(7)').allInnerTexts();
  await eventually('rows by owner', async () => {
    const shown = await owners();
    return shown.length > 0 && shown.every((owner, i) => i === 0 || shown[i - 1] >= owner) || shown;
  });
  // The rows are in order before the gateway has answered.
  let answer;
  const asked = new Promise(resolve => answer = resolve);
  await page.route(/sort=partition/, async route => {
    await asked;
    await route.continue();
  });
  const byNumber = page.getByRole('link', { name: /^Partition/ }).last();
  // In one turn of the page, so that nothing that comes live gets in between.
  const numbers = await byNumber.evaluate(link => {
    link.click();
    return [...document.querySelectorAll('tbody tr td:first-child')].map(cell => Number(cell.innerText));
  });
  assert(numbers.length > 1 && numbers.every((number, i) => i === 0 || numbers[i - 1] > number), `the rows wait for the gateway: ${numbers}`);
  answer();
  await page.waitForURL(/sort=partition&dir=desc/);
  await page.unroute(/sort=partition/);
  await byNumber.click();
  await page.waitForURL(/sort=partition&dir=asc/);
  await page.locator('tbody a').first().click();
  await page.getByRole('heading', { name: /^Partition \d+$/ }).waitFor();
  await page.getByRole('heading', { name: 'Its last events' }).waitFor();

  await page.goto('/scaling');
  await page.locator('ol.reasons li').first().waitFor();
  await page.getByText(/would move \d+ of \d+ partitions/).waitFor();

  await page.goto('/');
  const connection = page.locator('lp-connection');
  await eventually('the page live', async () => await connection.innerText() === 'Live' || connection.innerText());
  // What the browser says of the requests that are cut off here is no fault; what it said before is.
  const known = opened.faults.length;
  await page.route('**/live/**', route => route.abort());
  await page.evaluate(() => document.querySelector('lp-live').refresh());
  await eventually('the loss told', async () => (await connection.innerText()).startsWith('Connection lost') || connection.innerText());
  assert(await page.locator('lp-live[stale]').count() === 1, 'what is shown does not look old');
  await page.unroute('**/live/**');
  await eventually('the page live again', async () => await connection.innerText() === 'Live' || connection.innerText());
  opened.faults.splice(known);

  // What is chosen holds for every colour, whatever the system has, and on the next page.
  const schemes = () => page.evaluate(() => [getComputedStyle(document.documentElement).colorScheme, getComputedStyle(document.body).colorScheme].join());
  await page.locator('.theme').click();
  await page.locator('body[data-theme="dark"]').waitFor();
  await eventually('all dark', async () => await schemes() === 'dark,dark' || schemes());
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('.theme').click();
  await eventually('all light', async () => await schemes() === 'light,light' || schemes());
  await page.getByRole('link', { name: 'Partitions', exact: true }).click();
  await page.waitForURL(/partitions/);
  await eventually('still light', async () => await schemes() === 'light,light' || schemes());
});
