a.py
u = 'https://h.example/go?next=https%3A%2F%2Fi.example%2Fx%3Ftoken%3DZk3vQ9xT7mLp2WcR8yBn4HsD%26y%3D1'
