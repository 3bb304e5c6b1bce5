module.exports = (sequelize, DataTypes) =>
  sequelize.define(
    'AuditLog',
    {
      userId: { type: DataTypes.INTEGER },
      method: { type: DataTypes.STRING(8), allowNull: false },
      path: { type: DataTypes.STRING(200), allowNull: false },
      status: { type: DataTypes.INTEGER, allowNull: false },
      ip: { type: DataTypes.STRING(45) },
    },
    { tableName: 'audit_logs', updatedAt: false },
  );
