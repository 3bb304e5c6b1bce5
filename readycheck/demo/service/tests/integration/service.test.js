const request = require('supertest');

const app = require('../../src/app');
const { sequelize } = require('../../src/models');
const person = require('../people');

let officer;

beforeEach(async () => {
  await sequelize.sync({ force: true });
  officer = await person('officer', '+910000000001');
});

test('the service is healthy', async () => {
  const health = await request(app).get('/api/v1/health');
  expect(health.status).toBe(200);
  expect(health.body).toEqual({ status: 'ok', database: 'up' });
});

test('requests are measured', async () => {
  await request(app).get('/api/v1/health');
  const metrics = await request(app).get('/metrics');
  expect(metrics.text).toContain('http_request_duration_seconds_count');
});

test('officers read reports', async () => {
  const portfolio = await request(app).get('/api/v1/reports/portfolio').set('Authorization', officer.bearer);
  expect(portfolio.body).toEqual([]);
  const repayments = await request(app)
    .get('/api/v1/reports/repayments')
    .query({ from: '2024-01-01', to: '2024-12-31' })
    .set('Authorization', officer.bearer);
  expect(repayments.body).toEqual([]);
});

test('officers send reminders', async () => {
  const sent = await request(app).post('/api/v1/notifications/reminders').set('Authorization', officer.bearer);
  expect(sent.body).toEqual({ sent: 0 });
});

test('pages and documentation are served', async () => {
  expect((await request(app).get('/')).text).toContain('small businesses');
  expect((await request(app).get('/privacy')).status).toBe(200);
  expect((await request(app).get('/api/openapi.json')).body.openapi).toBe('3.0.3');
});
