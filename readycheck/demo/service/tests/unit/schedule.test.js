const { schedule } = require('../../src/services/schedule');

const start = new Date('2024-01-31T12:00:00Z');

test('instalments fall on the fifth of the following months', () => {
  const dates = schedule({ principal: 1200, annualRate: 0, termMonths: 3 }, start).map((entry) => entry.dueDate);
  expect(dates).toEqual(['2024-02-05', '2024-03-05', '2024-04-05']);
});

test('without interest the instalments add up to the principal', () => {
  const amounts = schedule({ principal: 1000, annualRate: 0, termMonths: 3 }, start).map((entry) => entry.amountDue);
  expect(amounts).toEqual([333.33, 333.33, 333.34]);
});

test('with interest more is paid back than was lent', () => {
  const amounts = schedule({ principal: 1000, annualRate: 14.5, termMonths: 12 }, start);
  const total = amounts.reduce((sum, entry) => sum + entry.amountDue, 0);
  expect(total).toBeCloseTo(1080.27, 1);
});
