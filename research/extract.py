"""Per classified beat of each signal: features, intervals, flags, shape window."""
import sys, time
from multiprocessing import Pool
from pathlib import Path
from fractions import Fraction
import numpy as np
from converter import data
from converter.annotations import read_beats, FALSE_DETECTION
from converter.cutting import _Collector
from converter.scoring import counted_within, match_beats
from converter.catalogue import Catalogue
from converter.databases import *
from converter.protocols import DS1
from edge.config import Settings
from edge.pipeline import Pipeline
from edge.samples import *
from edge.samples import SampleBlock, Beat, UNCLASSIFIED
OUT=Path("research/ext"); OUT.mkdir(exist_ok=True)
class Spy(Pipeline):
    def __init__(self,**k):
        super().__init__(**k); self.rows=[]
    def _classify(self,builder,families,window_mv,b,a):
        if builder is self._inputs:
            self._pre=list(builder._intervals_s)
        r=super()._classify(builder,families,window_mv,b,a)
        if builder is self._inputs and r[0]!=UNCLASSIFIED:
            self.rows.append((self._pre[-64:],b,a,self._rhythm.fibrillates_lately,window_mv[BEAT_BEFORE-36:BEAT_BEFORE+72].copy()))
        return r
def run(samples,rate,labels=True):
    col=_Collector("template")
    p=Spy(rate_hz=Fraction(rate).limit_denominator(1000),settings=Settings(),classifier=col)
    ev=[]; step=round(60*rate)
    for f in range(0,len(samples),step): ev+=p.push(SampleBlock(f,samples[f:f+step]))
    ev+=p.finish()
    beats=[e for e in ev if isinstance(e,Beat) and e.label!=UNCLASSIFIED]
    allidx=np.array([e.index for e in ev if isinstance(e,Beat)],dtype=np.int64)
    return p,col,beats,allidx
def pack(p,beats):
    n=len(p.rows)
    seq=np.full((n,64),np.nan,np.float32)
    for k,(pre,*_) in enumerate(p.rows):
        if pre: seq[k,-len(pre):]=pre
    f=lambda v: np.nan if v is None else v
    return dict(seq=seq,b=np.array([f(r[1]) for r in p.rows],np.float32),a=np.array([f(r[2]) for r in p.rows],np.float32),
      fib=np.array([r[3] for r in p.rows]),win=np.array([r[4] for r in p.rows],np.float32),index=np.array([e.index for e in beats]))
def one(job):
    name,folder,rec,ch=job
    o=OUT/f"{name}_{rec}_{ch}.npz"
    if o.exists(): return
    samples,rate=data.read_channel(Path(folder),rec,ch)
    p,col,beats,allidx=run(samples,rate)
    assert len(p.rows)==len(beats)==len(col.shown), (len(p.rows),len(beats),len(col.shown))
    ref=read_beats(Path(folder)/rec,rate_hz=rate)
    idx=np.array([e.index for e in beats]);
    part=match_beats(idx,ref.index)
    sym=np.where(part>=0,ref.symbol[part],FALSE_DETECTION)
    ann=(ref.index[0]/360,ref.index[-1]/360)
    keep=(part>=0)|counted_within(idx,ref,(ann,))
    np.savez(o,rhythm=np.stack([s["rhythm"] for s in col.shown]),sym=sym,keep=keep,nref=np.array([len(ref.index)]),refsym=ref.symbol,allidx=allidx,**pack(p,beats))
if __name__=="__main__":
    ds=Catalogue().resolve((),("mitdb","svdb"))
    jobs=[(n,d.folder,r.name,c) for n,d in ds.items() for r in d.records if n=="svdb" or r.name in DS1 for c in (0,1)]
    jobs.sort(key=lambda j:j[3])
    t=time.time()
    with Pool(2) as pool:
        for _ in pool.imap_unordered(one,jobs): pass
    print(time.time()-t)
