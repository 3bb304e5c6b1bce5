module.exports = { enforceHttps: false, logLevel: 'debug', sendMail: false };
