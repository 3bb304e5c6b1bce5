const settings = {
  development: require('./environments/development'),
  test: require('./environments/test'),
  staging: require('./environments/staging'),
  production: require('./environments/production'),
};

const environment = process.env.NODE_ENV;
if (!settings[environment]) {
  throw new Error(`NODE_ENV must be one of ${Object.keys(settings).join(', ')}`);
}

module.exports = {
  environment,
  port: Number(process.env.PORT || 3000),
  ...settings[environment],
};
