const express = require('express');
const client = require('prom-client');

const { wrap } = require('../middleware/errors');

const router = express.Router();

router.get(
  '/',
  wrap(async (req, res) => {
    res.set('Content-Type', client.register.contentType);
    res.send(await client.register.metrics());
  }),
);

module.exports = router;
