// Equal monthly instalments, rounded to cents; the last one takes what rounding left over.
function schedule({ principal, annualRate, termMonths }, start) {
  const rate = annualRate / 100 / 12;
  const exact = rate === 0 ? principal / termMonths : (principal * rate) / (1 - (1 + rate) ** -termMonths);
  const instalment = Math.round(exact * 100) / 100;
  const total = Math.round(exact * termMonths * 100) / 100;
  return Array.from({ length: termMonths }, (_, month) => {
    const due = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month + 1, 5));
    const last = month === termMonths - 1;
    const amount = last ? total - instalment * (termMonths - 1) : instalment;
    return { dueDate: due.toISOString().slice(0, 10), amountDue: Number(amount.toFixed(2)) };
  });
}

module.exports = { schedule };
