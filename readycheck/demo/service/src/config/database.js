require('dotenv').config();

const server = {
  dialect: 'mssql',
  host: process.env.DB_HOST,
  port: Number(process.env.DB_PORT || 1433),
  database: process.env.DB_NAME,
  username: process.env.DB_USER,
  password: process.env.DB_PASSWORD,
  dialectOptions: { options: { encrypt: true, trustServerCertificate: false } },
  pool: { max: 20, min: 2, acquire: 30000, idle: 10000 },
  logging: false,
};

module.exports = {
  development: { dialect: 'sqlite', storage: 'development.sqlite', logging: false },
  test: { dialect: 'sqlite', storage: ':memory:', logging: false },
  staging: server,
  production: server,
};
