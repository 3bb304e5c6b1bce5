const fs = require('node:fs');
const path = require('node:path');
const express = require('express');
const swaggerUi = require('swagger-ui-express');
const yaml = require('yaml');

const source = fs.readFileSync(path.join(__dirname, '..', '..', 'openapi.yaml'), 'utf8');
const description = yaml.parse(source);

const router = express.Router();

router.get('/openapi.json', (req, res) => res.json(description));
router.use('/docs', swaggerUi.serve, swaggerUi.setup(description));

module.exports = router;
