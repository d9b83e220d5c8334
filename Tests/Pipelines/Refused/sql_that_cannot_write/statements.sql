INSERT INTO crm.a VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET v = 3;
MERGE INTO crm.a USING (VALUES (1, 2)) s (id, v) ON a.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v;
INSERT INTO crm.numbered (v) VALUES (1);
INSERT INTO crm.full (id, v) VALUES (1, 2);
INSERT INTO crm.columns (id, v) VALUES (1, 2);
INSERT INTO crm.columns (id) VALUES (1);
INSERT INTO crm.a SELECT 1 / 0, 1;
