import sys; sys.path.insert(0,"research")
from t4 import *
def evaluate_rules(B,feats,fe,sim,share,seeds,rules,folds=("sv","ds"),kindcol=4,**kw):
    """as Bench.evaluate, with several rules on the same logits; fe holds the p_af column scaled (p-.2)/.3"""
    res={n:{} for n in rules}; gauge=[]; recs={}
    for kind in folds:
        for seed in seeds:
            for fold in getattr(B,kind+"_folds"):
                keys=[k for k in B.recs if k[0] not in fold]
                m={k:B.recs[k]["keep"]&(B.recs[k]["cls"]>=0) for k in keys}
                X=np.concatenate([feats[k][m[k]] for k in keys]); Y=np.concatenate([B.recs[k]["cls"][m[k]] for k in keys])
                R=np.concatenate([np.full(m[k].sum(),n) for n,k in enumerate(keys)]); O=odds(R,Y)
                if share:
                    ok=~np.isin(sim[2],fold); so=odds(sim[3][ok],sim[1][ok])
                    X=np.concatenate([X,sim[0][ok]]); Y=np.concatenate([Y,sim[1][ok]]); O=np.concatenate([(1-share)*O,share*so]); O/=O.sum()
                f=train_mlp(X,Y,O,seed=seed,**kw)
                if getattr(B,"gauge",None): gauge.append(B.gauge(f))
                for r in fold:
                    q=B.recs[(r,0)]; P=settle(softmax(f(feats[(r,0)])),q["fam"]); paf=fe[(r,0)][:,kindcol]*.3+.2
                    for n,rule in rules.items():
                        res[n].setdefault((kind,seed),{})[r]=matrix_counts(q,decide(P,rule(q,paf,fe[(r,0)])))
    for n in rules:
        print(f"{n:24s}"," ".join(f"{k}: S {np.mean([f1(res[n][(k,s)].values(),0) for s in seeds]):.3f} V {np.mean([f1(res[n][(k,s)].values(),1) for s in seeds]):.3f}" for k in folds),flush=True)
    if gauge: print("   "," ".join(f"{k} {np.mean([g[k] for g in gauge]):.3f}" for k in gauge[0]),flush=True)
    return res
def ema(p,w):
    o=np.empty(len(p)); v=0.
    for i,x in enumerate(p): v+=w*(x-v); o[i]=v
    return o
RULES={"lately":lambda q,p,x:q["fib"],"none":lambda q,p,x:np.zeros(len(p),bool),
 "lately & paf>.5":lambda q,p,x:q["fib"]&(p>.5),"lately & paf>.2":lambda q,p,x:q["fib"]&(p>.2),
 "lately & ema paf>.3":lambda q,p,x:q["fib"]&(ema(p,.03)>.3),"paf>.5":lambda q,p,x:p>.5,"paf>.8":lambda q,p,x:p>.8,
 "lately & odds<0":lambda q,p,x:q["fib"]&(x[:,0]<0),"lately & (odds<1or paf>.5)":lambda q,p,x:q["fib"]&((x[:,0]<.5)|(p>.5)),
 "lately & (odds<1or ema>.3)":lambda q,p,x:q["fib"]&((x[:,0]<.5)|(ema(p,.03)>.3)),
 "lately & ema paf+fl>.3":lambda q,p,x:q["fib"]&(ema(p+x[:,5]*.3+.2,.03)>.3)}
if __name__=="__main__":
    import expert2,sim2
    B,z,G,g=setup(); z2=np.load("research/simbeats2.npz")
    fe,(se2,),ge=all_expert(B,[z2],g,G,"research/expert2.weights.h5",expert2.build,sim2.normal)
    feats={r:np.concatenate([q["rhythm"],fe[r]],1) for r,q in B.recs.items()}
    sim=(np.concatenate([z2["x"],se2],1),z2["e"].astype(int),z2["rec"],z2["sig"])
    B.gauge=gauge_of({r:(np.concatenate([G[r][0],ge[r]],1),G[r][1]) for r in G})
    res=evaluate_rules(B,feats,fe,sim,.03,(1,),RULES)
    for r in B.names:
        a=[ (res[n].get(("sv",1),{}).get(r) or res[n].get(("ds",1),{}).get(r))[0] for n in ("lately","none","lately & paf>.5","lately & ema paf>.3")]
        if a[0]!=a[1]: print(r,a)
