SELECT 'Köln' AS city
