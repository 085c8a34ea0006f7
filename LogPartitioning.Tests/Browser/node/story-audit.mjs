// Find what a source sent in the audit, all of it stored, and go on to its events.
import { eventually, story } from './browser.mjs';

await story(async (page, [source, events]) => {
  await page.goto('/audit');
  const row = page.locator('tbody tr', { has: page.getByRole('link', { name: source, exact: true }) });
  // The page goes on by itself: acknowledged, stored, and nothing else.
  await eventually('what the source sent', async () => {
    const shown = await row.count() === 1 ? (await row.locator('td').allInnerTexts()).slice(1).join(' ') : await page.locator('main').innerText();
    return shown === `${events} ${events} 0 0 0 0` || shown;
  });
  await page.getByText(/The last look, .* compared/).waitFor();
  await row.getByRole('link').click();
  await page.waitForURL(new RegExp(`/logs\\?source=${source}`));
  await page.locator('.events li').first().waitFor();
});
