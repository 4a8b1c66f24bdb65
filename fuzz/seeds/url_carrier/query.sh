a.sh
curl "https://h.example/a/b?limit=2&fmetoken=Zk3vQ9xT7mLp2WcR8yBn4HsD&x=1#frag"
