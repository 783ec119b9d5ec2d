import sys; sys.path.insert(0,"research")
from t7 import *
B,z,G,g=setup(); m=shipped()
fe={k:pack(*logits(m,sim2.normal,q["seq"],q["b"],q["a"])) for k,q in B.recs.items()}
ge={k:pack(*logits(m,sim2.normal,g[k+"|seq"],g[k+"|b"],g[k+"|a"])) for k in G}
z4=np.load("research/simbeats4.npz"); sim=(z4["x"],z4["e"].astype(int),z4["rec"],z4["sig"])
feats={r:ins(q["rhythm"],fe[r]) for r,q in B.recs.items()}
B.gauge=gauge_of({r:(ins(G[r][0],ge[r]),G[r][1]) for r in G})
alone(B,G,fe,ge)
zo=ins(z["x"],pack(*logits(m,sim2.normal,z["seq"],z["b"],z["a"])))
both=(np.concatenate([zo,sim[0]]),np.concatenate([z["e"].astype(int),sim[1]]),np.concatenate([z["rec"],sim[2]]),np.concatenate([z["sig"],sim[3]+1000]))
for name,s,share in (("sim4",sim,.05),("both",both,.05)):
    print(name,share,flush=True); evaluate_rules(B,feats,fe,s,share,(1,),{"lately":RULES["lately"]})
