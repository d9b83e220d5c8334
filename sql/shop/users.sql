-- Who signed up, with what may be used to reach them. The events and orders say the rest.
SELECT
  user_id,
  email,
  phone,
  full_name,
  city,
  channel,
  member_level,
  birth_year,
  signed_up_at,
  phone_consent,
  push_consent
FROM shop.users
