"""Phrases for what no check can see: a line that speaks of it is left to people, however near a check's words are."""

from __future__ import annotations

PEOPLE: tuple[str, ...] = (
    # drills and tests that leave no trace here
    "Penetration testing", "Penetration test", "Security audit", "Security review", "Smart contract audit", "Stress testing",
    "Backup restoration", "Backup restore", "Restore tested", "Test restore", "Test backup", "Test backup restoration", "Backup testing",
    "Backup verification", "Backup integrity", "Backup recovery tested", "Disaster recovery drill", "Disaster recovery tested",
    "Rollback tested", "Rollback procedure", "Rollback plan", "Rollback", "Database rollback", "Migration rollback", "Rollback procedures documented",
    "Load test results", "Performance benchmarks", "Chaos testing", "Manual testing", "User acceptance testing",
    "Browser compatibility testing", "Cross-browser testing", "Accessibility testing", "Mobile testing", "Regression testing",
    "Backup retention", "Backup retention policy", "Backup schedule documented", "Document backup schedule", "File storage backup",
    # people and agreements
    "Legal review", "Compliance audit", "Terms of service", "Terms and conditions", "Cookie policy", "License agreement", "SLA", "On-call",
    "On-call rotation", "Training", "Team training", "Team notified", "Notify team", "Stakeholder", "Communication plan", "Support team",
    "Code review", "Sign-off", "Approval", "User guide", "User manual", "User documentation", "FAQ", "Troubleshooting guide", "Admin guide",
    "Contact information", "Emergency contacts", "SDK documentation", "Integration guide", "Database schema documented", "Developer guide",
    # what runs elsewhere, or is seen only while it runs
    "Uptime monitoring", "Monitor error logs", "Check error logs", "Error logs", "Error rate", "Response time", "Memory leak", "Memory usage",
    "CPU usage", "Disk space", "Network latency", "Domain configured", "DNS records", "Custom domain", "Email service", "Email configuration",
    "Payment integration", "Payment processing", "File upload", "File storage", "Image optimization", "SEO", "Mobile responsive",
    "User registration", "Login works", "Password reset", "Two-factor authentication", "2FA", "MFA", "Account lockout", "Password complexity",
    "Role-based access control", "RBAC", "Authorization", "User permissions", "Feature flags", "Error handling", "Error boundary",
    "TypeScript compilation", "Build succeeds", "Production build", "Lint", "ESLint", "Code quality", "Bundle size", "Lazy loading",
    "Code splitting", "Webhook", "Google Analytics", "Grafana dashboard", "Monitoring dashboard", "Domain SSL DNS", "Session timeout",
    "Database connection", "Database created", "Database provisioned", "Database setup", "Database schema", "Database query time",
    "Query caching", "Database query caching", "Session storage", "Redis", "Service mesh", "Blue green strategy",
    "Log retention", "Log monitoring", "Security monitoring", "Network monitoring", "Container orchestration", "Kubernetes deployment",
    "Documentation updated", "Documentation complete", "Documentation", "Deployment", "Monitoring", "Testing", "Security", "Performance",
    "Authentication", "Authentication working", "Test authentication", "Login logout", "Integration", "Validation", "Metrics dashboards",
    "Bug reporting", "API key management", "Document monitoring and alerting", "Plan deployment strategy", "Deployment strategy", "Token revocation", "API client",
    "API endpoints", "API key", "Key features", "Success message", "Error message", "Test payment", "Payment flow", "Process manager",
    "Key rotation", "JWT key rotation", "Virus scanning", "Service accounts", "Resource limits", "Dependencies up to date", "Dependency updates",
    "Performance optimized", "Multi-factor authentication", "Success rate", "WebSocket", "Push notifications", "Email notifications",
)
