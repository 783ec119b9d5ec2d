import sys; sys.path.insert(0,"research"); sys.path.insert(0,"benchmarks")
import numpy as np
from multiprocessing import Pool
from converter.catalogue import Catalogue
from converter.cutting import CutCache
from converter.protocols import PROTOCOLS, DS1
from converter.settings import DEFAULTS
from converter import simulated as S
from simulated_rhythms import KINDS
base=DEFAULTS["resecanet-aami5"]; protocol=PROTOCOLS[base.protocol]
cat=Catalogue(); ds=cat.resolve((),protocol.datasets); cache=CutCache(cat.directory/"beats")
jobs=[(d.name,r.name,r.digest,c) for d in ds.values() for r in d.records for c in (0,1) if c<len(r.signals) and (d.name=="svdb" or r.name in DS1)]
def feats(rng,w,rhythm):
    rr,e=rhythm; bl=w.copy()
    for n in np.flatnonzero(e[:-1]).tolist():
        sh=int(rng.integers(-4,5)); bl[n]+=rng.uniform(0,S._BLEND)*(np.roll(w[n],sh)-w[n])
    x=np.stack([i["rhythm"] for i in S.shown(bl,rr)]).astype(np.float32)
    pad=np.concatenate([np.full(64,np.nan),rr]); n=len(rr)-1
    return x,e[:-1],pad[np.arange(n)[:,None]+np.arange(64)],rr[:-1],rr[1:]
def one(j):
    d,r,g,c=j
    b=cache.read(cache.path(f"{d} {g}",c,protocol.peaks,base.normalisation))
    f=S.normal_beats(b)
    if f is None: return None
    w,own=f; rng=np.random.default_rng(abs(hash((d,r,c)))%2**32)
    import zlib; rng=np.random.default_rng(zlib.crc32(f"{d}{r}{c}".encode()))
    P=[]
    for _ in range(4):
        first=int(rng.integers(len(own)-300+1)); sp=slice(first,first+300)
        rh=S._any_rhythm(rng,S.sinus_intervals(rng,own[sp])); P.append(feats(rng,w[sp],rh))
    G={}
    if d=="svdb" and c==0:
        for k,fn in KINDS.items():
            rh=fn(rng,S.sinus_intervals(rng,own[:400])); G[k]=feats(np.random.default_rng(0),w[:400],rh) if 0 else feats(rng,w[:400],rh)
    return (d+"/"+r,c,[np.concatenate(v) for v in zip(*P)],G)
if __name__=="__main__":
    with Pool(2) as p: out=[o for o in p.map(one,jobs,chunksize=1) if o]
    o={}
    for i,nm in enumerate(("x","e","seq","b","a")): o[nm]=np.concatenate([q[2][i] for q in out])
    o["rec"]=np.concatenate([np.full(len(q[2][0]),q[0]) for q in out]); o["sig"]=np.concatenate([np.full(len(q[2][0]),n) for n,q in enumerate(out)])
    np.savez("research/simbeats.npz",**o)
    g={}
    for k in KINDS:
        for i,nm in enumerate(("x","e","seq","b","a")): g[k+"|"+nm]=np.concatenate([q[3][k][i] for q in out if q[3]])
    np.savez("research/gauge.npz",**g); print(len(out),len(o["x"]),o["e"].mean())
