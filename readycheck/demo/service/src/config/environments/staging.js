module.exports = { enforceHttps: true, logLevel: 'debug', sendMail: false };
