// The calculator on the front page. It follows src/services/schedule.js, so that nobody is surprised later.
(function calculator() {
  const ANNUAL_RATE = 14.5;

  const form = document.getElementById('calculator');
  if (!form) return;

  const money = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

  function instalment(principal, months) {
    const rate = ANNUAL_RATE / 100 / 12;
    return (principal * rate) / (1 - (1 + rate) ** -months);
  }

  function between(input, fallback) {
    const value = Number(input.value);
    const fits = value >= Number(input.min) && value <= Number(input.max);
    return fits ? value : fallback;
  }

  function show() {
    const { principal, months, instalment: output } = form.elements;
    const amount = between(principal, null);
    const term = between(months, null);
    if (amount === null || term === null) {
      output.value = 'Between 500 and 50,000, for 3 to 36 months.';
      return;
    }
    const monthly = instalment(amount, term);
    const interest = monthly * term - amount;
    output.value = `${money.format(monthly)} a month, ${money.format(interest)} interest in all`;
  }

  form.addEventListener('input', show);
  form.addEventListener('submit', (event) => event.preventDefault());
  show();
})();
