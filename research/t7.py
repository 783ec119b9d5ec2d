import sys; sys.path.insert(0,"research")
from t6 import *
import sim2
from converter.fit_intervals import build
from edge.inference.intervals import WEIGHTS_PATH
def shipped():
    w=np.load(WEIGHTS_PATH); m=build()
    for n in range(6): m.get_layer(f"conv{n}").set_weights([w[f"kernel{n}"],w[f"bias{n}"]])
    m.get_layer("dense").set_weights([w["dense_kernel"],w["dense_bias"]])
    m.get_layer("early").set_weights([w["out_kernel"][:,:1],w["out_bias"][:1]]); m.get_layer("rhythm").set_weights([w["out_kernel"][:,1:],w["out_bias"][1:]])
    return lambda x:(lambda o:(o["early"],o["rhythm"]))(m(x))
def ins(r,f): return np.concatenate([r[:,:23],f,r[:,23:]],1)
def prepare():
    B,z,G,g=setup(); m=shipped()
    fe={k:pack(*logits(m,sim2.normal,q["seq"],q["b"],q["a"])) for k,q in B.recs.items()}
    ge={k:pack(*logits(m,sim2.normal,g[k+"|seq"],g[k+"|b"],g[k+"|a"])) for k in G}
    z3=np.load("research/simbeats3.npz"); sim=(z3["x"],z3["e"].astype(int),z3["rec"],z3["sig"])
    feats={r:ins(q["rhythm"],fe[r]) for r,q in B.recs.items()}
    B.gauge=gauge_of({r:(ins(G[r][0],ge[r]),G[r][1]) for r in G})
    return B,G,fe,ge,feats,sim
RULES2={n:RULES[n] for n in ("lately","lately & ema paf>.3")}
if __name__=="__main__":
    B,G,fe,ge,feats,sim=prepare()
    alone(B,G,fe,ge)
    for share in (.03,.05,.08):
        print("share",share); res=evaluate_rules(B,feats,fe,sim,share,(1,),RULES2)
