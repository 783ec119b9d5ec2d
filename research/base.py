import sys; sys.path.insert(0,"research")
from harness import *
def setup():
    B=Bench(); z=np.load("research/simbeats.npz"); g=np.load("research/gauge.npz")
    kinds=sorted({k.split("|")[0] for k in g.files})
    G={k:(g[k+"|x"],g[k+"|e"]) for k in kinds}
    return B,z,G,g
def gauge_of(G):
    names={"single premature beats":"prem","atrial runs, most beats ectopic":"runs","dropped beats":"drop","sinus arrhythmia":"resp","sinus rate that wanders":"wand"}
    def f(m):
        o={}
        for k,(x,e) in G.items():
            p=m(x).argmax(1)==1
            if e.any(): o[names[k]+"Se"]=p[e].mean()
            o[names[k]+"FP"]=p[~e].mean()
        return o
    return f
if __name__=="__main__":
    B,z,G,g=setup()
    B.gauge=gauge_of(G)
    feats={k:q["rhythm"] for k,q in B.recs.items()}
    sim=(z["x"],z["e"].astype(int),z["rec"],z["sig"])
    t=time.time()
    print("noise: none"); B.evaluate(feats,None,seeds=(1,2)); print(time.time()-t)
    print("4 %"); B.evaluate(feats,sim,.04,seeds=(1,2)); print(time.time()-t)
