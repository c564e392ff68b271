/** What software calls itself, by the device that it runs on. */
export const agents = {
  phone: 'Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 Chrome/147.0 Mobile Safari/537.36',
  desktop: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/147.0 Safari/537.36',
  partner: 'PartnerFeed/1.0',
  bot: 'Mozilla/5.0 (compatible; ExampleBot/1.0; +https://example.com/bot)',
};
