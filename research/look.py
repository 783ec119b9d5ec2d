import sys; import numpy as np
rec=sys.argv[1]; d,r=rec.split("/"); z=np.load(f"research/ext/{d}_{r}_0.npz")
rng=np.random.default_rng(int(sys.argv[2]) if len(sys.argv)>2 else 0)
sym=z["sym"]; b=z["b"]; n=len(sym)
print(rec,{s:int((sym==s).sum()) for s in np.unique(sym)})
for _ in range(4):
    i=int(rng.integers(0,n-45)); print(i," ".join(f"{b[j]*1000:.0f}{sym[j] if sym[j]!='N' else ''}" for j in range(i,i+45)))
