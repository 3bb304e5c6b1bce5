const jwt = require('jsonwebtoken');
const request = require('supertest');

const app = require('../../src/app');
const { sequelize } = require('../../src/models');
const person = require('../people');

beforeEach(() => sequelize.sync({ force: true }));

test.each(['/api/v1/loans', '/api/v1/users/me', '/api/v1/reports/portfolio'])('%s needs a token', async (path) => {
  expect((await request(app).get(path)).status).toBe(401);
});

test('an unsigned token is refused', async () => {
  const unsigned = jwt.sign({ sub: '1', role: 'admin' }, '', { algorithm: 'none' });
  const answer = await request(app).get('/api/v1/users').set('Authorization', `Bearer ${unsigned}`);
  expect(answer.status).toBe(401);
});

test('a borrower cannot decide about a loan', async () => {
  const { bearer } = await person('borrower', '+910000000001');
  const answer = await request(app)
    .post('/api/v1/loans/1/decision')
    .set('Authorization', bearer)
    .send({ status: 'approved' });
  expect(answer.status).toBe(403);
});

test('a body that does not fit is refused', async () => {
  const answer = await request(app).post('/api/v1/auth/login').send({ mobile: '1; DROP TABLE user' });
  expect(answer.status).toBe(422);
});

test('pages carry security headers', async () => {
  const page = await request(app).get('/');
  expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  expect(page.headers['x-powered-by']).toBeUndefined();
});
