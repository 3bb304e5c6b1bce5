const request = require('supertest');

const app = require('../../src/app');
const { Repayment, sequelize } = require('../../src/models');
const person = require('../people');

const application = {
  businessName: 'Bo bakes bread',
  businessType: 'food',
  monthlyTurnover: 4200,
  principal: 5000,
  termMonths: 12,
};

let borrower;
let officer;

beforeEach(async () => {
  await sequelize.sync({ force: true });
  borrower = await person('borrower', '+910000000001');
  officer = await person('officer', '+910000000002');
});

async function apply() {
  const answer = await request(app).post('/api/v1/loans').set('Authorization', borrower.bearer).send(application);
  return answer.body.id;
}

async function decide(id, status) {
  return request(app).post(`/api/v1/loans/${id}/decision`).set('Authorization', officer.bearer).send({ status });
}

test('a borrower applies and sees the loan', async () => {
  const id = await apply();
  const one = await request(app).get(`/api/v1/loans/${id}`).set('Authorization', borrower.bearer);
  expect(one.body.status).toBe('applied');
  const all = await request(app).get('/api/v1/loans').set('Authorization', borrower.bearer);
  expect(all.body).toHaveLength(1);
});

test('an approved loan is paid out with a schedule', async () => {
  const id = await apply();
  expect((await decide(id, 'approved')).body.status).toBe('approved');
  const paid = await request(app).post(`/api/v1/loans/${id}/disbursement`).set('Authorization', officer.bearer);
  expect(paid.body.instalments).toBe(12);
  expect(await Repayment.count({ where: { loanId: id } })).toBe(12);
});

test('a rejected loan is not paid out', async () => {
  const id = await apply();
  await decide(id, 'rejected');
  const paid = await request(app).post(`/api/v1/loans/${id}/disbursement`).set('Authorization', officer.bearer);
  expect(paid.status).toBe(409);
});

test('a payment settles the next instalment', async () => {
  const id = await apply();
  await decide(id, 'approved');
  await request(app).post(`/api/v1/loans/${id}/disbursement`).set('Authorization', officer.bearer);
  const payment = { loanId: id, amount: 500, method: 'bank', reference: 'A1' };
  const received = await request(app).post('/api/v1/payments').set('Authorization', officer.bearer).send(payment);
  expect(received.status).toBe(201);
  const listed = await request(app).get(`/api/v1/payments/loan/${id}`).set('Authorization', borrower.bearer);
  expect(listed.body).toHaveLength(1);
});
