import sys; sys.path.insert(0,"research")
from base import *
import importlib
def logits(m,normal,seq,b,a):
    x=normal(seq,b,a); o=[];k=[]
    for f in range(0,len(x),4096):
        u,v=m(x[f:f+4096]); o.append(u.numpy()); k.append(v.numpy())
    return np.concatenate(o),np.concatenate(k)
def pack(o,k):
    k=k-k.max(1,keepdims=True); p=np.exp(k); p/=p.sum(1,keepdims=True)
    return np.concatenate([np.clip(o/2,-4,4),(p-1/p.shape[1])/.3],1).astype(np.float32)
def all_expert(B,zs,g,G,path,build,normal):
    m=build(); m.load_weights(path)
    fe={k:pack(*logits(m,normal,q["seq"],q["b"],q["a"])) for k,q in B.recs.items()}
    se=[pack(*logits(m,normal,z["seq"],z["b"],z["a"])) for z in zs]
    ge={k:pack(*logits(m,normal,g[k+"|seq"],g[k+"|b"],g[k+"|a"])) for k in G}
    return fe,se,ge
def alone(B,G,fe,ge,detail=12):
    for k in G: 
        p=ge[k][:,0]>0; e=G[k][1]; print("  ",k,"Se",round(p[e].mean(),3) if e.any() else None,"FP",round(p[~e].mean(),4))
    rows=[]
    for r in ("sv","ds"):
        t=c=n=0
        for f in getattr(B,r+"_folds"):
            for k in f:
                q=B.recs[(k,0)]; p=(fe[(k,0)][:,0]>0)&~q["fib"]&(q["cls"]<2)&(q["cls"]>=0)&q["keep"]; tt=(p&(q["cls"]==1)).sum(); t+=tt; c+=p.sum(); n+=(q["ref"]==1).sum()
                rows.append((p.sum()-tt,k,tt,(q["ref"]==1).sum()))
        print(r,"alone, N and S: Se",round(t/n,3),"+P",round(t/c,3),"F1",round(2*t/(n+c),3))
    rows.sort(reverse=True); print("FP:",[(r,int(a),f"{t}/{n}") for a,r,t,n in rows[:detail]])
    rows.sort(key=lambda x:x[2]-x[3]); print("missed:",[(r,f"{t}/{n}",int(a)) for a,r,t,n in rows[:detail]])
if __name__=="__main__":
    import expert2, sim2
    B,z,G,g=setup(); z2=np.load("research/simbeats2.npz")
    fe,(se,se2),ge=all_expert(B,[z,z2],g,G,"research/expert2.weights.h5",expert2.build,sim2.normal)
    alone(B,G,fe,ge)
    def go(name,cols,zz,ss,share,**k):
        feats={r:np.concatenate([q["rhythm"],fe[r][:,cols]],1) for r,q in B.recs.items()}
        sim=(np.concatenate([zz["x"],ss[:,cols]],1),zz["e"].astype(int),zz["rec"],zz["sig"])
        B.gauge=gauge_of({r:(np.concatenate([G[r][0],ge[r][:,cols]],1),G[r][1]) for r in G})
        print(name,share,end=" "); return B.evaluate(feats,sim if share else None,share,**k)
    A=list(range(6))
    go("new sim, all",A,z2,se2,.03)
    go("new sim, no expert",[],z2,se2,.03)
    go("old sim, all",A,z,se,.03)
    go("new sim, all",A,z2,se2,.06)
    go("new sim, logit",[0],z2,se2,.03)
