a.js
axios.get(u, { params: { detail: 'high', token: 'Zk3vQ9xT7mLp2WcR8yBn4HsD' }, headers: { Authorization: `Bearer ${t}` } })
