a.py
u = f'{BASE}/x?token={t}' + '&key=' + k
v = "/rel;jsessionid=1?sig=a%2Bb#access_token=${T}"
